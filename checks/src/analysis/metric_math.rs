//! Metric math of CloudWatch: what an expression over metrics amounts to in one period (CloudWatch User Guide,
//! "Using math expressions with CloudWatch metrics"). What looks beyond the period, at what was before, is an
//! error rather than a guess.

use std::cmp::Ordering;

/// What a part of an expression is worth in the period: none where there is no data.
type Datum = Option<f64>;

/// Evaluates an expression; `metric` gives the value of the query of an id, `metrics` the ids of those that are
/// metrics.
///
/// # Errors
/// When the expression is none, or asks for what one period does not show.
pub(super) fn evaluate(
    expression: &str,
    metric: &dyn Fn(&str) -> Result<Datum, String>,
    metrics: &[&str],
) -> Result<Datum, String> {
    let mut parser = Parser { rest: expression, metric, metrics, depth: 0 };
    let value = parser.any()?.single()?;
    parser.space();
    if parser.rest.is_empty() { Ok(value) } else { Err(parser.unclear()) }
}

/// One series, or several.
enum Value {
    One(Datum),
    Many(Vec<Datum>),
}

impl Value {
    fn single(self) -> Result<Datum, String> {
        match self {
            Self::One(datum) => Ok(datum),
            Self::Many(all) if all.len() == 1 => Ok(all[0]),
            Self::Many(_) => Err("the expression gives several series".into()),
        }
    }

    fn data(self) -> Vec<Datum> {
        match self {
            Self::One(datum) => vec![datum],
            Self::Many(all) => all,
        }
    }

    fn map(self, change: impl Fn(Datum) -> Datum) -> Self {
        match self {
            Self::One(datum) => Self::One(change(datum)),
            Self::Many(all) => Self::Many(all.into_iter().map(change).collect()),
        }
    }

    /// Both, one by one; there is a value only where both have one.
    fn with(self, other: Self, of: impl Fn(f64, f64) -> f64) -> Result<Self, String> {
        let both = |a: Datum, b: Datum| Some(of(a?, b?)).filter(|value| value.is_finite());
        Ok(match (self, other) {
            (Self::One(a), Self::One(b)) => Self::One(both(a, b)),
            (Self::Many(all), Self::One(b)) => Self::Many(all.into_iter().map(|a| both(a, b)).collect()),
            (Self::One(a), Self::Many(all)) => Self::Many(all.into_iter().map(|b| both(a, b)).collect()),
            (Self::Many(all), Self::Many(others)) if all.len() == others.len() => {
                Self::Many(all.into_iter().zip(others).map(|(a, b)| both(a, b)).collect())
            }
            _ => return Err("the expression joins arrays of different sizes".into()),
        })
    }
}

struct Parser<'a> {
    rest: &'a str,
    metric: &'a dyn Fn(&str) -> Result<Datum, String>,
    metrics: &'a [&'a str],
    depth: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Value, String> {
        let mut value = self.all()?;
        while self.take("||") || self.take_word("OR") {
            value = value.with(self.all()?, |a, b| f64::from(a != 0.0 || b != 0.0))?;
        }
        Ok(value)
    }

    fn all(&mut self) -> Result<Value, String> {
        let mut value = self.comparison()?;
        while self.take("&&") || self.take_word("AND") {
            value = value.with(self.comparison()?, |a, b| f64::from(a != 0.0 && b != 0.0))?;
        }
        Ok(value)
    }

    fn comparison(&mut self) -> Result<Value, String> {
        let value = self.sum()?;
        let operators: [(&str, &[Ordering]); 6] = [
            ("==", &[Ordering::Equal]),
            ("!=", &[Ordering::Less, Ordering::Greater]),
            ("<=", &[Ordering::Less, Ordering::Equal]),
            (">=", &[Ordering::Greater, Ordering::Equal]),
            ("<", &[Ordering::Less]),
            (">", &[Ordering::Greater]),
        ];
        for (operator, wanted) in operators {
            if self.take(operator) {
                let other = self.sum()?;
                return value
                    .with(other, |a, b| f64::from(a.partial_cmp(&b).is_some_and(|o| wanted.contains(&o))));
            }
        }
        Ok(value)
    }

    fn sum(&mut self) -> Result<Value, String> {
        let mut value = self.product()?;
        loop {
            if self.take("+") {
                value = value.with(self.product()?, |a, b| a + b)?;
            } else if self.take("-") {
                value = value.with(self.product()?, |a, b| a - b)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<Value, String> {
        let mut value = self.power()?;
        loop {
            if self.take("*") {
                value = value.with(self.power()?, |a, b| a * b)?;
            } else if self.take("/") {
                value = value.with(self.power()?, |a, b| a / b)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn power(&mut self) -> Result<Value, String> {
        // Whatever is nested passes here.
        self.depth += 1;
        if self.depth > 25 {
            return Err(self.unclear());
        }
        let value = if self.take("-") {
            self.power()?.map(|datum| datum.map(|number| -number))
        } else {
            let value = self.primary()?;
            if self.take("^") { value.with(self.power()?, f64::powf)? } else { value }
        };
        self.depth -= 1;
        Ok(value)
    }

    fn primary(&mut self) -> Result<Value, String> {
        if self.take("(") {
            let value = self.any()?;
            self.expect(")")?;
            return Ok(value);
        }
        if self.take("[") {
            let mut all = Vec::new();
            while !self.take("]") {
                all.extend(self.any()?.data());
                self.take(",");
            }
            return Ok(Value::Many(all));
        }
        self.space();
        let digits = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        if digits > 0 {
            let (number, rest) = self.rest.split_at(digits);
            let number = number.parse().map_err(|_| self.unclear())?;
            self.rest = rest;
            return Ok(Value::One(Some(number)));
        }
        let Some(word) = self.word() else { return Err(self.unclear()) };
        if !self.take("(") {
            return (self.metric)(word).map(Value::One);
        }
        self.function(&word.to_ascii_uppercase())
    }

    /// A function, whose opening parenthesis was taken.
    fn function(&mut self, name: &str) -> Result<Value, String> {
        if name == "METRICS" {
            let part = if self.take("\"") { self.until('"')? } else { "" };
            self.expect(")")?;
            let ids = self.metrics.iter().filter(|id| id.contains(part));
            return ids.map(|id| (self.metric)(id)).collect::<Result<_, _>>().map(Value::Many);
        }
        let mut arguments = Vec::new();
        while !self.take(")") {
            // REPEAT and LINEAR, which FILL takes for a number, are words of no metric: an error.
            arguments.push(self.any()?);
            self.take(",");
        }
        let mut arguments = arguments.into_iter();
        let (first, second, third) = (arguments.next(), arguments.next(), arguments.next());
        let Some(first) = first else { return Err(format!("{name} is not known")) };
        Ok(match (name, second, third) {
            ("SUM" | "AVG" | "MIN" | "MAX", None, None) => {
                let known: Vec<f64> = first.data().into_iter().flatten().collect();
                #[expect(clippy::cast_precision_loss, reason = "an alarm has a few metrics")]
                let count = known.len() as f64;
                let of = match name {
                    "SUM" => known.iter().sum(),
                    "AVG" => known.iter().sum::<f64>() / count,
                    "MIN" => known.iter().copied().fold(f64::INFINITY, f64::min),
                    _ => known.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                };
                Value::One(Some(of).filter(|_| !known.is_empty()))
            }
            ("ABS", None, None) => first.map(|datum| datum.map(f64::abs)),
            ("CEIL", None, None) => first.map(|datum| datum.map(f64::ceil)),
            ("FLOOR", None, None) => first.map(|datum| datum.map(f64::floor)),
            ("FILL", Some(filling), None) => {
                let filling = filling.single()?;
                first.map(|datum| datum.or(filling))
            }
            ("IF", Some(then), otherwise) => match first.single()? {
                None => Value::One(None),
                Some(condition) if condition != 0.0 => then,
                Some(_) => otherwise.unwrap_or(Value::One(None)),
            },
            _ => return Err(format!("{name} is not known")),
        })
    }

    fn word(&mut self) -> Option<&'a str> {
        self.space();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let before = self.rest;
        let found = self.word().is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        if !found {
            self.rest = before;
        }
        found
    }

    fn until(&mut self, end: char) -> Result<&'a str, String> {
        let (text, rest) = self.rest.split_once(end).ok_or_else(|| self.unclear())?;
        self.rest = rest;
        Ok(text)
    }

    fn take(&mut self, token: &str) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(self.unclear()) }
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn unclear(&self) -> String {
        "the metric math is not understood".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(expression: &str) -> Result<Datum, String> {
        let metric = |id: &str| match id {
            "one" => Ok(Some(1.0)),
            "three" => Ok(Some(3.0)),
            "nothing" => Ok(None),
            _ => Err(format!("no metric {id}")),
        };
        evaluate(expression, &metric, &["one", "three", "nothing"])
    }

    #[test]
    fn expressions() {
        for (expression, expected) in [
            ("one", Some(1.0)),
            ("one + three * 2", Some(7.0)),
            ("(one+three)*2", Some(8.0)),
            ("-one + 2 ^ 3", Some(7.0)),
            ("SUM(METRICS())", Some(4.0)),
            ("SUM([one, nothing])", Some(1.0)),
            ("MAX(METRICS(\"thr\"))", Some(3.0)),
            ("MIN([one, three])", Some(1.0)),
            ("AVG([one, three, nothing])", Some(2.0)),
            ("one + nothing", None),
            ("one + FILL(nothing, 0)", Some(1.0)),
            ("IF(three > 2, one, 0)", Some(1.0)),
            ("IF(one > 2 AND three > 2, 5)", None),
            ("one > 2 || three >= 3", Some(1.0)),
            ("100 * one / three > 33", Some(1.0)),
            ("one / 0", None),
        ] {
            assert_eq!(value(expression), Ok(expected), "{expression}");
        }
    }

    #[test]
    fn what_one_period_does_not_tell() {
        for expression in [
            "FILL(METRICS(), 0) > 2",
            "RATE(one)",
            "DIFF(one)",
            "FILL(nothing, REPEAT)",
            "ANOMALY_DETECTION_BAND(one, 2)",
            "SELECT SUM(one) FROM CIS",
            "SEARCH(' {CIS} ', 'Sum', 300)",
            "one +",
            "(one",
            "unknown",
            "",
        ] {
            assert!(value(expression).is_err(), "{expression}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(value(&"(".repeat(100_000)).is_err());
        assert!(value(&"-".repeat(100_000)).is_err());
        assert!(value(&"2^".repeat(100_000)).is_err());
    }
}
