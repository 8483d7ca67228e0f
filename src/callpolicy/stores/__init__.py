"""Where history, cases and list entries are kept, behind one protocol."""
