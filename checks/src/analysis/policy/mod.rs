//! IAM policy documents and the questions that checks ask of them.
