//! AWS Shield.

mod advanced;

super::checks! {
    advanced
}
