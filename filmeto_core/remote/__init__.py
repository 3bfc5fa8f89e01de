"""The other side of `filmeto serve`: what calls a server's tools from another process or machine."""
