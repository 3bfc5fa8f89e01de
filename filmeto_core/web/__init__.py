"""The web API and its page: FastAPI over one FilmetoService, whose plugins stay warm."""
