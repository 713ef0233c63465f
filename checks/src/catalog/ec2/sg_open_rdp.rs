use super::{GROUP_SOURCES, each_group_on};
use crate::{check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-open-rdp",
    severity: Severity::High,
    sources: GROUP_SOURCES,
    run: |cx| each_group_on(cx, 3389),
};

// `sg_open_ssh` proves what is the same for every port: prefix lists, private ranges, protocols.
#[cfg(test)]
mod tests {
    use super::{
        super::testing::{tcp, with_ingress},
        CHECK,
    };
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_the_port_is_open_to_the_internet() {
        let finding = fails(&CHECK, &with_ingress(vec![tcp(3380, 3389, "::/0")]));
        assert_eq!(finding.evidence["port"], 3389);
    }

    #[test]
    fn passes_when_a_range_just_excludes_the_port() {
        passes(&CHECK, &with_ingress(vec![tcp(0, 3388, "0.0.0.0/0"), tcp(3390, 65535, "0.0.0.0/0")]));
    }
}
