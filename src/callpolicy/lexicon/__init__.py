"""Word lists turned into signals: what a text said on a call contains.

A lexicon names a signal and lists terms, whole words (`match: word`) or parts of running text
(`match: substring`, for Chinese). `SignalFinder` looks for the terms of all lexicons in one pass over the
text; both are folded first (see `folding`), and no term reaches across the end of a phrase.
"""

from callpolicy.lexicon.finder import MAX_TERM, MAX_TEXT, Hit, Lexicon, SignalFinder, term_fault

__all__ = ["MAX_TERM", "MAX_TEXT", "Hit", "Lexicon", "SignalFinder", "term_fault"]
