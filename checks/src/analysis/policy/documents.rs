//! The policy documents of an account, each parsed once: a dozen checks ask for the same one, and tools write the same
//! document for many things.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use super::{ParseError, Policy};
use crate::{gap::Gap, source::Operation};

/// Documents by their text, each as soon as somebody asks for it.
#[derive(Debug, Default)]
pub struct Documents<'a>(RefCell<HashMap<&'a str, Result<Arc<Policy>, ParseError>>>);

impl<'a> Documents<'a> {
    /// As [`Policy::read`].
    ///
    /// # Errors
    /// The gap, when the text is no policy document.
    pub fn read(
        &self,
        text: &'a str,
        operation: &'static Operation,
        region: Option<&str>,
        resource: &str,
    ) -> Result<Arc<Policy>, Gap> {
        let mut parsed = self.0.borrow_mut();
        let policy = parsed.entry(text).or_insert_with(|| Policy::parse(text).map(Arc::new));
        policy.clone().map_err(|error| error.gap(operation, region, resource))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::iam::op;

    #[test]
    fn a_document_is_parsed_once_and_what_is_none_is_told_of_each_that_has_it() {
        let [one, other] = [(); 2].map(|()| r#"{"Statement": []}"#.to_owned());
        let documents = Documents::default();
        let read = |text, of| documents.read(text, op::GetAccountAuthorizationDetails, None, of);
        assert!(Arc::ptr_eq(&read(&one, "a").unwrap(), &read(&other, "b").unwrap()));
        for of in ["a", "b"] {
            let gap = read("[]", of).unwrap_err();
            assert_eq!(Err(gap.clone()), Policy::read("[]", op::GetAccountAuthorizationDetails, None, of));
            assert_eq!(gap.resource.as_deref(), Some(of));
        }
    }
}
