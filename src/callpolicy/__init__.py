"""Hang-up and blocking policies for call centres: from a snapshot of facts to a decision with reasons."""

__version__ = "0.1.0.dev0"
