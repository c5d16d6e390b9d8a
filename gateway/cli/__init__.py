"""The command line: one file a command or group, imported when it is asked for."""
