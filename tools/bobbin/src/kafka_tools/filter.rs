//! Names as Kafka's tools match them: a regular expression, or several between commas, that match
//! the whole name.

use regex_lite::Regex;

use crate::failure::Failure;

/// A filter of topics' names.
pub(super) struct Filter(Regex);

impl Filter {
    /// Everything, or what matches.
    pub(super) fn of(text: Option<&str>) -> Result<Filter, Failure> {
        let text = text.unwrap_or(".*").trim().replace(',', "|");
        let text = text.replace(' ', "");
        match Regex::new(&format!("^(?:{text})$")) {
            Ok(regex) => Ok(Filter(regex)),
            Err(_) => Err(Failure::usage(format!("{text} is an invalid regex."))),
        }
    }

    /// Whether the name matches.
    pub(super) fn allows(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_are_matched() {
        let allows =
            |text: &str, name: &str| Filter::of(Some(text)).expect("a filter").allows(name);
        assert!(allows("orders", "orders") && !allows("orders", "orders2"));
        assert!(allows("a.*, b", "axy") && allows("a.*, b", "b") && !allows("a.*|b", "bb"));
        assert!(Filter::of(None).expect("all").allows("x"));
        assert!(Filter::of(Some("(")).is_err());
    }
}
