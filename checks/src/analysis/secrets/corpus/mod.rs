pub(super) fn expand(s: &str) -> String { s.into() }
