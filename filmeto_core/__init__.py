"""filmeto turns a storyboard into a film by chaining AI tools."""
