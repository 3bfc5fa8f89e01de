"""Writes storyboards: of one sentence, through a language model or from templates."""
