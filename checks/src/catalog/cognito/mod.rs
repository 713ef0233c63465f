//! Amazon Cognito.

super::checks! {}
