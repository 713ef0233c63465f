//! Rules of composite alarms: whether one goes off when others do (CloudWatch User Guide, "Create a composite
//! alarm"; API reference, `PutCompositeAlarm`).

use std::cell::RefCell;

/// What an alarm says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    Alarm,
    InsufficientData,
    /// Not known.
    Unclear,
}

impl State {
    fn is(self, wanted: &str) -> Option<bool> {
        match self {
            Self::Unclear => None,
            Self::Ok => Some(wanted == "OK"),
            Self::Alarm => Some(wanted == "ALARM"),
            Self::InsufficientData => Some(wanted == "INSUFFICIENT_DATA"),
        }
    }
}

/// Whether the rule holds when the alarm of each name or ARN is in that state; none when a state that is not
/// known decides, or the rule is not understood.
pub(super) fn holds(rule: &str, state: &dyn Fn(&str) -> State) -> Option<bool> {
    let mut parser = Parser { rest: rule, state, depth: 0 };
    let value = parser.any().ok()?;
    parser.rest.trim_start().is_empty().then_some(value)?
}

/// The alarms that the rule asks about, by name or ARN.
pub(super) fn names(rule: &str) -> Vec<String> {
    let names = RefCell::new(Vec::new());
    // Nothing is known of any, so that the rule asks for all.
    let _ = holds(rule, &|name| {
        names.borrow_mut().push(name.to_owned());
        State::Unclear
    });
    names.into_inner()
}

struct Parser<'a> {
    rest: &'a str,
    state: &'a dyn Fn(&str) -> State,
    depth: usize,
}

const STATES: [&str; 3] = ["ALARM", "OK", "INSUFFICIENT_DATA"];

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Option<bool>, ()> {
        let mut value = self.all()?;
        while self.take_word("OR") {
            value = either(value, self.all()?);
        }
        Ok(value)
    }

    fn all(&mut self) -> Result<Option<bool>, ()> {
        let mut value = self.term()?;
        while self.take_word("AND") {
            value = not(either(not(value), not(self.term()?)));
        }
        Ok(value)
    }

    fn term(&mut self) -> Result<Option<bool>, ()> {
        // AWS allows rules of 10,240 characters.
        self.depth += 1;
        if self.depth > 100 {
            return Err(());
        }
        let value = if self.take("(") {
            let value = self.any()?;
            self.expect(")")?;
            value
        } else {
            match self.word() {
                "NOT" => not(self.term()?),
                "TRUE" => Some(true),
                "FALSE" => Some(false),
                "AT_LEAST" => self.at_least()?,
                wanted if STATES.contains(&wanted) => {
                    self.expect("(")?;
                    let name = self.name()?;
                    self.expect(")")?;
                    (self.state)(name).is(wanted)
                }
                _ => return Err(()),
            }
        };
        self.depth -= 1;
        Ok(value)
    }

    /// `AT_LEAST(2, ALARM, (a, b, c))`, where a share may stand for the number (`50%`) and `NOT` before the
    /// state.
    fn at_least(&mut self) -> Result<Option<bool>, ()> {
        self.expect("(")?;
        let number: usize = self.word().parse().map_err(drop)?;
        let is_share = self.take("%");
        self.expect(",")?;
        let negated = self.take_word("NOT");
        let wanted = self.word();
        if !STATES.contains(&wanted) {
            return Err(());
        }
        self.expect(",")?;
        self.expect("(")?;
        let mut values = Vec::new();
        while !self.take(")") {
            let before = self.rest;
            let nested = STATES.contains(&self.word()) && self.take("(");
            if !nested {
                self.rest = before;
            }
            let value = (self.state)(self.name()?).is(wanted);
            values.push(if negated { not(value) } else { value });
            if nested {
                self.expect(")")?;
            }
            self.take(",");
        }
        self.expect(")")?;
        let needed = if is_share { number.saturating_mul(values.len()).div_ceil(100) } else { number };
        let sure = values.iter().filter(|value| **value == Some(true)).count();
        let possible = values.iter().filter(|value| **value != Some(false)).count();
        Ok(if sure >= needed { Some(true) } else { (possible < needed).then_some(false) })
    }

    /// The name or ARN of an alarm, in quotes or not.
    fn name(&mut self) -> Result<&'a str, ()> {
        if self.take("\"") {
            let (name, rest) = self.rest.split_once('"').ok_or(())?;
            self.rest = rest;
            return Ok(name);
        }
        let text = self.rest.trim_start();
        let (name, rest) = text.split_at(text.find([',', ')']).ok_or(())?);
        self.rest = rest;
        if name.trim().is_empty() { Err(()) } else { Ok(name.trim()) }
    }

    fn word(&mut self) -> &'a str {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        word
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let before = self.rest;
        let found = self.word() == wanted;
        if !found {
            self.rest = before;
        }
        found
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, token: &str) -> Result<(), ()> {
        if self.take(token) { Ok(()) } else { Err(()) }
    }
}

fn not(value: Option<bool>) -> Option<bool> {
    value.map(|value| !value)
}

fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        // `cpu` goes off, nothing is known of `odd`, and all else is well.
        let state = |name: &str| match name {
            "cpu" | "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu" => State::Alarm,
            "odd" => State::Unclear,
            "new" => State::InsufficientData,
            _ => State::Ok,
        };
        for (rule, expected) in [
            (r#"ALARM("cpu")"#, Some(true)),
            (r#"ALARM( cpu )  OR (ALARM("disk (a)"))"#, Some(true)),
            ("ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu)", Some(true)),
            ("ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu-high)", Some(false)),
            (r#"ALARM("cpu") AND NOT ALARM("maintenance")"#, Some(true)),
            (r#"ALARM("cpu") AND ALARM("disk")"#, Some(false)),
            (r#"NOT ALARM("cpu")"#, Some(false)),
            ("NOT OK(cpu)", Some(true)),
            ("OK(disk) AND INSUFFICIENT_DATA(new)", Some(true)),
            ("ALARM(cpu) AND FALSE OR TRUE", Some(true)),
            ("ALARM(odd) OR ALARM(cpu)", Some(true)),
            ("ALARM(odd) AND ALARM(cpu)", None),
            ("ALARM(odd) AND ALARM(disk)", Some(false)),
            (r#"AT_LEAST(2, ALARM, (ALARM("cpu"), ALARM("disk")))"#, Some(false)),
            ("AT_LEAST(1, ALARM, (cpu, disk))", Some(true)),
            ("AT_LEAST(50%, ALARM, (cpu, disk))", Some(true)),
            ("AT_LEAST(51%, ALARM, (cpu, disk))", Some(false)),
            ("AT_LEAST(2, ALARM, (cpu, odd))", None),
            ("AT_LEAST(1, NOT OK, (disk, new))", Some(true)),
            ("AT_LEAST(18446744073709551615%, ALARM, (cpu, disk))", Some(false)),
            ("", None),
            ("ALARM(cpu", None),
            ("ALARM(cpu) XOR ALARM(disk)", None),
        ] {
            assert_eq!(holds(rule, &state), expected, "{rule}");
        }
        assert_eq!(holds(&"(".repeat(100_000), &state), None);
        assert_eq!(holds(&"NOT ".repeat(100_000), &state), None);
    }
}
