//! Systems Manager.

mod association_noncompliant;
mod document_public;
mod parameter_plaintext;
mod patch_noncompliant;
mod patch_unscanned;
mod session_logging;

super::checks! {
    association_noncompliant
    document_public
    parameter_plaintext
    patch_noncompliant
    patch_unscanned
    session_logging
}
