//! Shared secrets as settings hold them: one, or several while a vendor changes over. What we sign ourselves is
//! signed with the first.

use serde::Deserialize;

/// One secret, a list, or the secrets of a change by their places in it; any of them may have signed.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Keys {
    /// The only one.
    One(String),
    /// All of them, the one in force first.
    Several(Vec<String>),
    /// The one in force, and its neighbours for as long as both sides have not changed over.
    Change(Change),
}

/// The secrets of a change: `{"current": …, "next": …}` before it, `{"current": …, "previous": …}` after it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What is in force.
    current: String,
    /// What will be in force.
    next: Option<String>,
    /// What was in force.
    previous: Option<String>,
}

impl Keys {
    /// The keys, written in hexadecimal. None if there is no key or one of them is misspelt or empty.
    #[must_use]
    pub fn hex(&self) -> Option<Vec<Vec<u8>>> {
        self.read(|text| hex::decode(text).ok())
    }

    /// The keys, written as plain text whose bytes they are. None if there is no key or one of them is empty.
    #[must_use]
    pub fn text(&self) -> Option<Vec<Vec<u8>>> {
        self.read(|text| Some(text.as_bytes().to_vec()))
    }

    /// An empty key would let everyone sign: it is refused here, before any call comes in.
    pub(crate) fn read(&self, key: fn(&str) -> Option<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
        let written: Vec<&String> = match self {
            Self::One(text) => vec![text],
            Self::Several(texts) => texts.iter().collect(),
            Self::Change(Change { current, next, previous }) => {
                [Some(current), next.as_ref(), previous.as_ref()].into_iter().flatten().collect()
            }
        };
        let read = |text: &String| key(text).filter(|key| !key.is_empty());
        let keys = written.into_iter().map(read).collect::<Option<Vec<_>>>()?;
        (!keys.is_empty()).then_some(keys)
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Keys")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(json: &str) -> Keys {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn one_key_or_several_are_read() {
        assert_eq!(keys(r#""00Ff""#).hex(), Some(vec![vec![0, 255]]));
        assert_eq!(keys(r#"["old","new"]"#).text(), Some(vec![b"old".to_vec(), b"new".to_vec()]));
    }

    #[test]
    fn a_change_goes_from_one_key_to_the_next_without_a_gap() {
        let bytes = |texts: &[&str]| Some(texts.iter().map(|it| it.as_bytes().to_vec()).collect::<Vec<_>>());
        let before = keys(r#"{"current":"a","next":"b"}"#);
        let after = keys(r#"{"current":"b","previous":"a"}"#);
        assert_eq!((before.text(), after.text()), (bytes(&["a", "b"]), bytes(&["b", "a"])));
        assert_eq!(keys(r#"{"current":"b"}"#).text(), bytes(&["b"]));
        for written in [r#"{"next":"b"}"#, r#"{"current":"a","nxet":"b"}"#, r#"{"current":["a"]}"#] {
            assert!(serde_json::from_str::<Keys>(written).is_err(), "{written}");
        }
        assert_eq!(keys(r#"{"current":"a","next":""}"#).text(), None);
    }

    #[test]
    fn unusable_keys_are_refused() {
        for written in [r#""""#, "[]", r#"["00",""]"#, r#""0""#, r#""xy""#] {
            assert_eq!(keys(written).hex(), None, "{written}");
        }
        for written in [r#""""#, "[]", r#"["a",""]"#] {
            assert_eq!(keys(written).text(), None, "{written}");
        }
    }

    #[test]
    fn keys_are_never_shown() {
        assert!(!format!("{:?}", keys(r#""secret""#)).contains("secret"));
    }
}
