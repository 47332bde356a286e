//! What to do about a pattern that is refused.
//!
//! Most such patterns are written for another engine: Perl's, .NET's or JavaScript's.
