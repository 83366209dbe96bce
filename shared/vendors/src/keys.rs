//! Shared secrets as settings hold them: one, or several while a vendor changes over.

use serde::Deserialize;

/// One secret or a list; any of them may have signed.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Keys {
    /// The only one.
    One(String),
    /// All of them.
    Several(Vec<String>),
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
        let written = match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        };
        let read = |text: &String| key(text).filter(|key| !key.is_empty());
        let keys = written.iter().map(read).collect::<Option<Vec<_>>>()?;
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
