//! Reading filter patterns.

use std::cmp::Ordering;

use ipnet::IpNet;

use super::{Expression, Form, Glob, Operand, ParseError, Step, Terms, Test, number};

/// Parentheses within parentheses. CloudWatch Logs takes patterns of 1,024 characters at most, so nobody needs
/// more; a hostile one must not exhaust the stack.
pub(super) const DEEPEST: usize = 64;

/// Reads a pattern.
pub(super) fn form(text: &str) -> Result<Form, ParseError> {
    let text = text.trim();
    if text.starts_with('{') {
        let mut parser = Parser { rest: text };
        parser.expect("{")?;
        let expression = parser.any(0)?;
        parser.expect("}")?;
        parser.end()?;
        Ok(Form::Json(expression))
    } else if text.starts_with('[') {
        if !text.ends_with(']') {
            return Err(ParseError("[ without ]".into()));
        }
        Ok(Form::SpaceDelimited)
    } else {
        Parser { rest: text }.terms().map(Form::Terms)
    }
}

/// The texts that a value stands for, where `*` before or after is any text. One within the value is an error:
/// the guide of 2022 says that `Ev*ent` only matches the string `Ev*ent`; whether that still holds is not known.
fn wildcards(value: &str) -> Result<Glob, ParseError> {
    if value.trim_matches('*').contains('*') {
        return Err(ParseError(format!("unsupported: * within {value:?}")));
    }
    Ok(Glob::with_stars(value))
}

/// What is left of a pattern to read.
struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn terms(mut self) -> Result<Terms, ParseError> {
        let mut terms = Terms::default();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() {
                return Ok(terms);
            }
            let kind = if self.take("-") {
                &mut terms.none
            } else if self.take("?") {
                &mut terms.any
            } else {
                &mut terms.all
            };
            let globs = if self.take("\"") {
                vec![Glob::containing(&self.quoted()?)]
            } else if self.take("%") {
                self.regex()?
            } else {
                match self.take_while(|c| !c.is_whitespace()) {
                    "" => return Err(self.expected("a term")),
                    term => vec![Glob::containing(term)],
                }
            };
            kind.push(globs);
        }
    }

    /// Expressions between `||`, which binds less than `&&`.
    fn any(&mut self, depth: usize) -> Result<Expression, ParseError> {
        let mut members = vec![self.all(depth)?];
        while self.skip("||") {
            members.push(self.all(depth)?);
        }
        Ok(Expression::Any(members))
    }

    fn all(&mut self, depth: usize) -> Result<Expression, ParseError> {
        let mut members = vec![self.member(depth)?];
        while self.skip("&&") {
            members.push(self.member(depth)?);
        }
        Ok(Expression::All(members))
    }

    fn member(&mut self, depth: usize) -> Result<Expression, ParseError> {
        if !self.skip("(") {
            return Ok(Expression::Condition { selector: self.selector()?, test: self.test()? });
        }
        if depth == DEEPEST {
            return Err(ParseError(format!("more than {DEEPEST} parentheses within each other")));
        }
        let expression = self.any(depth + 1)?;
        self.expect(")")?;
        Ok(expression)
    }

    /// `$.a.b`, `$.a[0]`, `$.a[*]`, `$['a.b']` or `$.['a.b']`
    fn selector(&mut self) -> Result<Vec<Step>, ParseError> {
        self.expect("$")?;
        let mut steps = Vec::new();
        loop {
            let dot = self.take(".");
            if self.take("[") {
                steps.push(self.bracket()?);
            } else if dot {
                let name = self.take_while(|c| !c.is_whitespace() && !".[]()=!<>&|{}\"'%".contains(c));
                steps.push(match name {
                    "*" => Step::Each,
                    _ if name.is_empty() || name.contains('*') => {
                        return Err(self.expected("a property after the dot"));
                    }
                    _ => Step::Property(name.to_owned()),
                });
            } else if steps.is_empty() {
                return Err(self.expected("a property like $.eventName"));
            } else {
                return Ok(steps);
            }
        }
    }

    /// What follows `[` of a selector.
    fn bracket(&mut self) -> Result<Step, ParseError> {
        for quote in ["'", "\""] {
            if self.take(quote) {
                let name = self.until(quote)?.to_owned();
                self.expect("]")?;
                return Ok(Step::Property(name));
            }
        }
        match self.until("]")?.trim() {
            "*" => Ok(Step::Each),
            index => index.parse().map(Step::Element).map_err(|_| self.expected("a number in [ ]")),
        }
    }

    /// What a condition says of its property.
    fn test(&mut self) -> Result<Test, ParseError> {
        if self.skip("!=") {
            Ok(Test::NotEqual(self.operand()?))
        } else if self.skip("<=") {
            self.order(&[Ordering::Less, Ordering::Equal])
        } else if self.skip(">=") {
            self.order(&[Ordering::Greater, Ordering::Equal])
        } else if self.skip("<") {
            self.order(&[Ordering::Less])
        } else if self.skip(">") {
            self.order(&[Ordering::Greater])
        } else if self.skip("=") {
            Ok(Test::Equal(self.operand()?))
        } else {
            let condition = Self { rest: self.rest.trim_start() };
            match (self.word().as_str(), self.word().as_str()) {
                ("NOT", "EXISTS") => Ok(Test::NotExists),
                ("IS", "NULL") => Ok(Test::IsNull),
                ("IS", "TRUE") => Ok(Test::Is(true)),
                ("IS", "FALSE") => Ok(Test::Is(false)),
                _ => Err(condition.expected("a comparison, IS NULL, IS TRUE, IS FALSE or NOT EXISTS")),
            }
        }
    }

    fn order(&mut self, wanted: &'static [Ordering]) -> Result<Test, ParseError> {
        let number = self.operand()?.number.ok_or_else(|| self.expected("a number to compare with"))?;
        Ok(Test::Number(wanted, number))
    }

    fn operand(&mut self) -> Result<Operand, ParseError> {
        self.rest = self.rest.trim_start();
        if self.take("\"") {
            return Ok(Operand { texts: vec![wildcards(&self.quoted()?)?], number: None });
        }
        if self.take("%") {
            return Ok(Operand { texts: self.regex()?, number: None });
        }
        let text = self.take_while(|c| !c.is_whitespace() && !"(){}\"&|=<>!".contains(c));
        if text.is_empty() {
            return Err(self.expected("a value"));
        }
        if text.parse::<IpNet>().is_ok() {
            return Err(ParseError(format!("unsupported: the address range {text}")));
        }
        Ok(Operand { texts: vec![wildcards(text)?], number: number(text) })
    }

    /// What follows a quote, up to the next one. A backslash makes a quote or another backslash part of it.
    fn quoted(&mut self) -> Result<String, ParseError> {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => {
                    self.rest = chars.as_str();
                    return Ok(text);
                }
                '\\' if chars.as_str().starts_with(['"', '\\']) => text.extend(chars.next()),
                _ => text.push(c),
            }
        }
        Err(ParseError("a quote without its other".into()))
    }

    /// What follows `%`, a regular expression, as far as globs can say the same: alternatives of characters
    /// with `.*` between them, and the anchors.
    fn regex(&mut self) -> Result<Vec<Glob>, ParseError> {
        let regex = self.until("%")?;
        if regex.is_empty() {
            return Err(ParseError("an empty regular expression".into()));
        }
        let unsupported = || ParseError(format!("unsupported: the regular expression %{regex}%"));
        let mut globs = Vec::new();
        // A bar after a backslash leaves a backslash that escapes nothing, which is unsupported.
        for alternative in regex.split('|') {
            let (start, alternative) =
                alternative.strip_prefix('^').map_or((false, alternative), |rest| (true, rest));
            let mut parts = if start { Vec::new() } else { vec![String::new()] };
            let mut part = String::new();
            let mut end = false;
            let mut chars = alternative.chars();
            while let Some(c) = chars.next() {
                match c {
                    '.' if chars.as_str().starts_with('*') => {
                        chars.next();
                        parts.push(std::mem::take(&mut part));
                    }
                    '$' if chars.as_str().is_empty() => end = true,
                    '\\' => match chars.next() {
                        Some(c) if c.is_ascii_punctuation() => part.push(c),
                        _ => return Err(unsupported()),
                    },
                    '.' | '^' | '$' | '?' | '*' | '+' | '[' | ']' | '{' | '}' | '(' | ')' => {
                        return Err(unsupported());
                    }
                    _ => part.push(c),
                }
            }
            parts.push(part);
            if !end {
                parts.push(String::new());
            }
            globs.push(Glob::of_parts(parts));
        }
        Ok(globs)
    }

    /// Takes a word, in upper case, and the space before it.
    fn word(&mut self) -> String {
        self.rest = self.rest.trim_start();
        self.take_while(|c| c.is_ascii_alphabetic()).to_ascii_uppercase()
    }

    /// Takes the token if it comes next.
    fn take(&mut self, token: &str) -> bool {
        let after = self.rest.strip_prefix(token);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Takes the token and the space before it if it comes next.
    fn skip(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        self.take(token)
    }

    fn expect(&mut self, token: &str) -> Result<(), ParseError> {
        if self.skip(token) { Ok(()) } else { Err(self.expected(token)) }
    }

    fn end(&mut self) -> Result<(), ParseError> {
        if self.rest.trim_start().is_empty() { Ok(()) } else { Err(self.expected("the end")) }
    }

    /// Takes what comes before the token, and the token.
    fn until(&mut self, token: &str) -> Result<&'a str, ParseError> {
        let (before, after) = self.rest.split_once(token).ok_or_else(|| self.expected(token))?;
        self.rest = after;
        Ok(before)
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn expected(&self, what: &str) -> ParseError {
        const SHOWN: usize = 20;
        let found: String = self.rest.chars().take(SHOWN).collect();
        ParseError(match found.as_str() {
            "" => format!("expected {what}, found the end"),
            _ => format!("expected {what}, found {found:?}"),
        })
    }
}
