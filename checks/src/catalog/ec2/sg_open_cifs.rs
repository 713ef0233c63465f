use super::{GROUP_SOURCES, each_group_on};
use crate::{check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-open-cifs",
    severity: Severity::High,
    sources: GROUP_SOURCES,
    run: |cx| each_group_on(cx, 445),
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{rule, tcp, with_ingress},
        CHECK,
    };
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_open_to_the_internet() {
        assert_eq!(fails(&CHECK, &with_ingress(vec![tcp(445, 445, "0.0.0.0/0")])).evidence["port"], 445);
        fails(&CHECK, &with_ingress(vec![tcp(400, 445, "::/0")]));
        fails(&CHECK, &with_ingress(vec![rule("-1", None, "0.0.0.0/0")]));
    }

    #[test]
    fn passes_when_a_range_just_excludes_it_or_others_are_meant() {
        passes(&CHECK, &with_ingress(vec![tcp(1, 444, "0.0.0.0/0"), tcp(446, 65535, "0.0.0.0/0")]));
        passes(&CHECK, &with_ingress(vec![tcp(445, 445, "192.168.0.0/16")]));
    }
}
