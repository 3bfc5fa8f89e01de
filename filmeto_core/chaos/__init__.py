"""Kills films at random moments and runs them again: is anything lost, or made twice?"""
