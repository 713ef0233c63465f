//! Exact sets of IPv4 and IPv6 addresses, written as prefixes.

use std::sync::LazyLock;

use ipnet::IpNet;

/// What no packet from the internet has as its source: the ranges that IANA's special-purpose address
/// registries call not globally reachable, multicast, and the IPv6 space that is not global unicast.
const SPECIAL: &[&str] = &[
    "0.0.0.0/8",       // this network
    "10.0.0.0/8",      // private use (RFC 1918)
    "100.64.0.0/10",   // shared address space of carrier-grade NAT
    "127.0.0.0/8",     // loopback
    "169.254.0.0/16",  // link-local
    "172.16.0.0/12",   // private use
    "192.0.0.0/24",    // IETF protocol assignments
    "192.0.2.0/24",    // documentation
    "192.168.0.0/16",  // private use
    "198.18.0.0/15",   // benchmarking
    "198.51.100.0/24", // documentation
    "203.0.113.0/24",  // documentation
    "224.0.0.0/4",     // multicast
    "240.0.0.0/4",     // reserved
    "::/3",            // unspecified, loopback, IPv4-mapped, NAT64, discard-only, …
    "2001:db8::/32",   // documentation
    "3fff::/20",       // documentation
    "4000::/2",        // not allocated
    "8000::/1",        // not allocated, unique local, link-local, multicast
];

static SPECIAL_PREFIXES: LazyLock<Vec<IpNet>> =
    LazyLock::new(|| SPECIAL.iter().filter_map(|prefix| prefix.parse().ok()).collect());

/// Whether some address of the range can be the source of a packet from the internet.
#[must_use]
pub fn is_public(range: IpNet) -> bool {
    // The special prefixes lie apart from each other: it is enough to count what they take away. Counted in /64
    // of IPv6, and in addresses of IPv4.
    let bits = |prefix: IpNet| prefix.max_prefix_len().min(64) - prefix.prefix_len().min(64);
    let size = |prefix: IpNet| 1_u128 << bits(prefix);
    let mut left = size(range);
    for special in SPECIAL_PREFIXES.iter() {
        if special.contains(&range) {
            return false;
        }
        if range.contains(special) {
            left -= size(*special);
        }
    }
    left > 0
}

/// Whether the range is "the internet": everything, or a public range wider than /8 (IPv4) or /32 (IPv6).
///
/// Decided for each range as it is written, as in Amazon S3's definition of public: two neighbouring /8 of
/// two partners are not the internet.
#[must_use]
pub fn is_internet(range: IpNet) -> bool {
    let widest = match range {
        IpNet::V4(_) => 8,
        IpNet::V6(_) => 32,
    };
    range.prefix_len() < widest && is_public(range)
}

/// Whether the ranges together hold every address that can be on the internet, of one family or the other.
#[must_use]
pub fn hold_the_internet(ranges: &[IpNet]) -> bool {
    let mut whole = super::anywhere().into_iter();
    whole.any(|whole| !subtract(whole, ranges).into_iter().any(is_public))
}

/// What is left of a range when others are taken away: as few disjoint prefixes as it takes.
#[must_use]
pub fn subtract<'a>(range: IpNet, away: impl IntoIterator<Item = &'a IpNet>) -> Vec<IpNet> {
    let mut left = vec![range.trunc()];
    for taken in away {
        left = left.into_iter().flat_map(|part| without(part, taken)).collect();
    }
    left
}

fn without(mut part: IpNet, taken: &IpNet) -> Vec<IpNet> {
    if taken.contains(&part) {
        return Vec::new();
    }
    if !part.contains(taken) {
        return vec![part];
    }
    // Halve the part until only what is taken remains, and keep the other halves.
    let mut kept = Vec::new();
    while part.prefix_len() < taken.prefix_len() {
        let Ok(halves) = part.subnets(part.prefix_len() + 1) else { break };
        for half in halves {
            if half.contains(taken) {
                part = half;
            } else {
                kept.push(half);
            }
        }
    }
    kept
}

/// What two ranges have in common: prefixes are nested or apart.
#[must_use]
pub fn common(a: IpNet, b: IpNet) -> Option<IpNet> {
    if a.contains(&b) { Some(b) } else { b.contains(&a).then_some(a) }
}

/// A set of addresses: prefixes, none inside another. Neighbours are not merged, see [`is_internet`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefixes(Vec<IpNet>);

impl Prefixes {
    /// Adds a range.
    pub fn insert(&mut self, range: IpNet) {
        if !self.0.iter().any(|prefix| prefix.contains(&range)) {
            self.0.retain(|prefix| !range.contains(prefix));
            self.0.push(range);
        }
    }

    /// The addresses that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let pairs = self.0.iter().flat_map(|a| other.0.iter().filter_map(|b| common(*a, *b)));
        pairs.collect()
    }

    /// Its prefixes.
    pub fn iter(&self) -> impl Iterator<Item = IpNet> {
        self.0.iter().copied()
    }
}

impl FromIterator<IpNet> for Prefixes {
    fn from_iter<I: IntoIterator<Item = IpNet>>(ranges: I) -> Self {
        let mut set = Self::default();
        ranges.into_iter().for_each(|range| set.insert(range));
        set
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use ipnet::{Ipv4Net, Ipv6Net};
    use proptest::prelude::*;

    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    #[test]
    fn every_special_prefix_is_a_prefix() {
        assert_eq!(SPECIAL_PREFIXES.len(), SPECIAL.len());
        assert!(SPECIAL_PREFIXES.iter().all(|prefix| prefix.trunc() == *prefix));
    }

    #[test]
    fn the_internet() {
        for range in [
            "0.0.0.0/0",
            "0.0.0.0/1",
            "128.0.0.0/1",
            "52.0.0.0/7",
            "8.0.0.0/5",   // holds 10.0.0.0/8, but more
            "172.0.0.0/7", // holds 172.16.0.0/12, but more
            "::/0",
            "2000::/3",
            "2600::/12",
            "2a00::/31",
        ] {
            assert!(is_internet(net(range)), "{range}");
        }
    }

    #[test]
    fn not_the_internet() {
        for range in [
            "52.0.0.0/8", // exactly /8 is not wider
            "10.0.0.0/8",
            "100.64.0.0/10",
            "203.0.113.7/32",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "224.0.0.0/3", // multicast and reserved, nothing else
            "2a00:1450::/32",
            "fc00::/7",
            "fe80::/10",
            "ff00::/8",
            "3fff::/20",
            "8000::/1",
            "4000::/2",
        ] {
            assert!(!is_internet(net(range)), "{range}");
        }
    }

    #[test]
    fn subtraction_leaves_as_few_prefixes_as_it_takes() {
        let left = subtract(net("10.0.0.0/8"), &[net("10.64.0.0/10")]);
        assert_eq!(left, [net("10.128.0.0/9"), net("10.0.0.0/10")]);
        assert_eq!(subtract(net("10.0.0.0/8"), &[net("10.0.0.0/8")]), [] as [IpNet; 0]);
        assert_eq!(subtract(net("10.0.0.0/8"), &[net("0.0.0.0/0")]), [] as [IpNet; 0]);
        assert_eq!(subtract(net("10.0.0.0/8"), &[net("11.0.0.0/8"), net("::/0")]), [net("10.0.0.0/8")]);
        assert_eq!(subtract(net("::/0"), &[net("::1/128")]).len(), 128);
    }

    /// Prefixes of a universe of 16 addresses at the end of each family.
    fn small_prefix() -> impl Strategy<Value = IpNet> {
        (any::<bool>(), 0..16u8, 0..=4u8).prop_map(|(v6, address, bits)| {
            let address = [address, 240 + address];
            let range = if v6 {
                let address = Ipv6Addr::from(u128::MAX - 15 + u128::from(address[0]));
                IpNet::V6(Ipv6Net::new(address, 124 + bits).unwrap())
            } else {
                IpNet::V4(Ipv4Net::new(Ipv4Addr::new(255, 255, 255, address[1]), 28 + bits).unwrap())
            };
            range.trunc()
        })
    }

    fn universe() -> impl Iterator<Item = IpAddr> {
        let v4 = (240..=255).map(|last| IpAddr::V4(Ipv4Addr::new(255, 255, 255, last)));
        v4.chain((0..16).map(|last| IpAddr::V6(Ipv6Addr::from(u128::MAX - last))))
    }

    fn holds(prefixes: &[IpNet], address: IpAddr) -> bool {
        prefixes.iter().any(|prefix| prefix.contains(&address))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn public_is_what_the_special_prefixes_leave(address: u32, bits in 0..=32_u8, high: u128, long in 0..=128_u8) {
            let v4 = Ipv4Net::new(Ipv4Addr::from(address), bits).unwrap();
            let v6 = Ipv6Net::new(Ipv6Addr::from(high), long).unwrap();
            // Near the special ones, too, which random addresses seldom are.
            let near = SPECIAL_PREFIXES[address as usize % SPECIAL_PREFIXES.len()];
            let wider = IpNet::new(near.addr(), near.prefix_len().saturating_sub(bits % 4)).unwrap();
            for range in [IpNet::V4(v4).trunc(), IpNet::V6(v6).trunc(), near, wider.trunc()] {
                prop_assert_eq!(is_public(range), !subtract(range, SPECIAL_PREFIXES.iter()).is_empty(), "{}", range);
            }
        }

        #[test]
        fn subtraction_is_exact(
            from in small_prefix(),
            away in prop::collection::vec(small_prefix(), 0..6),
        ) {
            let left = subtract(from, &away);
            for address in universe() {
                let expected = from.contains(&address) && !holds(&away, address);
                prop_assert_eq!(holds(&left, address), expected, "{}", address);
                prop_assert!(left.iter().filter(|part| part.contains(&address)).count() <= 1);
            }
        }

        #[test]
        fn intersection_is_exact(
            a in prop::collection::vec(small_prefix(), 0..6),
            b in prop::collection::vec(small_prefix(), 0..6),
        ) {
            let set: Prefixes = a.iter().copied().collect();
            let both = set.intersection(&b.iter().copied().collect());
            for address in universe() {
                prop_assert_eq!(holds(&set.0, address), holds(&a, address));
                prop_assert_eq!(holds(&both.0, address), holds(&a, address) && holds(&b, address));
                prop_assert!(both.0.iter().filter(|part| part.contains(&address)).count() <= 1);
            }
        }
    }
}
