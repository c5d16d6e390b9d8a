"""What an event is called, how it is signed, and when it is tried again: shared by the routes and the worker."""
