"""What turns a brief and its sources into a course: the Generator protocol and its kinds."""
