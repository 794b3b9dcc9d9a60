"""The command: settings, wiring, printing."""
