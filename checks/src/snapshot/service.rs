//! One declaration per service, from which all that the rest needs to know of it is made.

/// Declares what is collected of a service.
///
/// ```text
/// service! {
///     /// Topics of one region.
///     Sns, Regional;
///
///     op("SNS", "sns", UNPUBLISHED) {
///         SnsTopics [ListTopics, GetTopicAttributes] =>
///             /// Topics.
///             topics: Vec<Topic>;
///     }
/// }
/// ```
///
/// From it come
/// - the snapshot's `struct Sns` with `topics: Collected<Vec<Topic>>`, by default not read;
/// - `Source::SnsTopics`, which checks name and collectors read;
/// - `op::ListTopics`, the operation as a constant: the SDK's name of its service, the prefix of its id, the IAM actions
///   that allow it and its request limit (`source::rate`);
/// - for tests, `Sns::empty()`, in which everything was read and nothing is there, and `forget`, which makes of all that
///   a source reads a gap.
///
/// An operation's IAM actions follow in parentheses where they are not `prefix:Operation`, and its limit after `at` where
/// it is not that of the others. A source that asks about what others list `needs` them. What a source reads of each thing
/// in a list is told by `in`: `S3BucketPolicy needs S3Buckets [GetBucketPolicy] in buckets: policy`. A value that is not
/// the type's default where nothing is set up follows the type: `encrypted: bool = true`. What another service's source
/// reads is under `also`.
macro_rules! service {
    (
        $(#[doc = $doc:literal])+
        $name:ident, $scope:ident $(, with { $( $(#[doc = $plain_doc:literal])+ $plain:ident: $plain_type:ty ),+ $(,)? })?
        $(, also {
            $(
                $other:ident => $( $(#[doc = $also_doc:literal])+ $also:ident: $also_type:ty $(= $also_empty:expr)? ),+;
            )+
        })?;
        $(
            $api:ident($sdk:literal, $prefix:literal, $rate:ident) {
                $(
                    $(#[doc = $source_doc:literal])*
                    $source:ident $(needs $($need:ident)+)? [
                        $( $op:ident $(($($action:literal),+))? $(at $op_rate:ident)? ),+ $(,)?
                    ] $(in $list:ident: $($inner:ident),+)?
                    $(=> $( $(#[doc = $field_doc:literal])+ $field:ident: $type:ty $(= $empty:expr)? ),+ )?;
                )+
            }
        )+
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $( $( $(#[doc = $plain_doc])+ pub $plain: $plain_type, )+ )?
            $( $( $( $( $(#[doc = $field_doc])+ pub $field: $crate::gap::Collected<$type>, )+ )? )+ )+
            $( $( $( $(#[doc = $also_doc])+ pub $also: $crate::gap::Collected<$also_type>, )+ )+ )?
        }

        impl $name {
            /// What it is made from.
            pub(super) const SOURCES: &'static [$crate::source::Source] =
                &[ $( $( $crate::source::Source::$source, )+ )+ ];

            /// Everything was read, and nothing is there.
            #[cfg(test)]
            pub(super) fn empty() -> Self {
                use $crate::gap::Collected;
                Self {
                    $( $( $plain: Default::default(), )+ )?
                    $( $( $( $( $field: Collected::Value($crate::snapshot::service::or_default!($($empty)?)), )+ )? )+ )+
                    $( $( $( $also: Collected::Value($crate::snapshot::service::or_default!($($also_empty)?)), )+ )+ )?
                }
            }

            /// Nothing of what the source reads could be read.
            #[cfg(test)]
            pub(super) fn forget(&mut self, source: $crate::source::Source, gap: &$crate::gap::Gap) {
                use $crate::{gap::Collected, source::Source};
                $( $( if source == Source::$source {
                    $( for item in self.$list.known_mut().into_iter().flatten() {
                        $( item.$inner = Collected::Gap(gap.clone()); )+
                    } )?
                    $( $( self.$field = Collected::Gap(gap.clone()); )+ )?
                } )+ )+
                $( $( if source == Source::$other {
                    $( self.$also = Collected::Gap(gap.clone()); )+
                } )+ )?
            }
        }

        $(
            #[doc = concat!("Operations of ", $sdk, ".")]
            #[allow(non_upper_case_globals)]
            pub mod $api {
                use $crate::source::{Operation, rate};
                $( $(
                    #[doc = concat!("`", $prefix, ":", stringify!($op), "`")]
                    pub const $op: &Operation = &Operation {
                        service: $sdk,
                        name: stringify!($op),
                        id: concat!($prefix, ":", stringify!($op)),
                        prefix: $prefix,
                        actions: $crate::snapshot::service::actions!(
                            concat!($prefix, ":", stringify!($op)) $(, $($action),+)?
                        ),
                        rate: $crate::snapshot::service::rate!($rate $(, $op_rate)?),
                    };
                )+ )+
            }
        )+

        #[allow(non_upper_case_globals)]
        impl $crate::source::Source {
            $( $(
                $(#[doc = $source_doc])*
                #[doc = concat!("Read with", $(" `", $prefix, ":", stringify!($op), "`",)+ ".")]
                pub const $source: Self = Self(&$crate::source::Declaration {
                    name: stringify!($source),
                    scope: $crate::source::Scope::$scope,
                    operations: &[ $( $api::$op, )+ ],
                    needs: &[ $( $( Self::$need, )+ )? ],
                });
            )+ )+
        }
    };
}

/// The IAM actions that are named, else the operation's id.
macro_rules! actions {
    ($id:expr) => {
        &[$id]
    };
    ($id:expr, $($action:literal),+) => {
        &[$($action),+]
    };
}

/// The last of the limits.
macro_rules! rate {
    ($rate:ident) => {
        rate::$rate
    };
    ($rate:ident, $own:ident) => {
        rate::$own
    };
}

/// The value that is given, else the type's default.
#[cfg(test)]
macro_rules! or_default {
    () => {
        Default::default()
    };
    ($value:expr) => {
        $value
    };
}

#[cfg(test)]
pub(super) use or_default;
pub(super) use {actions, rate};
