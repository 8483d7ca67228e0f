"""Matchers: one meaning, three machines. `reference` defines it, `indexed` is the fast one, `rete` the second opinion."""
