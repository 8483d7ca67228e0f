"""Benchmarks: callpolicy and other rule engines on the same policies, side by side; run by `make bench`."""
