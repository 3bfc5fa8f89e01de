"""`filmeto init`: the folder of a new project."""
