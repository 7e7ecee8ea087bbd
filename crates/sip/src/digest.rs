//! Digest authentication, both sides (RFC 7616 with MD5 for old phones; RFC 8760; RFC 3261 §22).
