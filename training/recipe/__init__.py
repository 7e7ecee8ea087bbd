"""The recipe of the small embedded keyword model; see README.md beside this folder."""
