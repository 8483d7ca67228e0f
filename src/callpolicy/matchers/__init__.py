"""Matchers: one meaning, three machines. `reference` defines it, `indexed` is fast, `rete` is the second opinion."""
