//! The data folder: who holds it, and the secrets kept in it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::StartError;

/// Where the embedded cloud keeps what must outlive the process.
#[derive(Debug, Clone)]
pub enum Data {
    /// Nowhere: everything is gone when the process ends.
    Memory,
    /// In a folder, which is made if need be.
    Dir(PathBuf),
}

/// An open data folder. Only one process at a time can hold it.
#[derive(Debug)]
pub(crate) struct DataFolder {
    dir: Option<PathBuf>,
    _lock: Option<File>,
}

impl DataFolder {
    pub(crate) fn open(data: &Data) -> Result<Self, StartError> {
        let Data::Dir(dir) = data else { return Ok(Self { dir: None, _lock: None }) };
        let failed = |e: std::io::Error| StartError::Data(dir.clone(), e.to_string());
        make_private(dir).map_err(failed)?;
        let lock = private_file(&dir.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { dir: Some(dir.clone()), _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(StartError::Locked(dir.clone())),
            Err(TryLockError::Error(e)) => Err(failed(e)),
        }
    }

    /// The path of a file in the folder; `None` when nothing is kept.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.dir.as_ref().map(|dir| dir.join(name))
    }

    /// Reads a document kept in the folder; `None` if it was never written.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StartError> {
        let Some(path) = self.path(name).filter(|path| path.exists()) else { return Ok(None) };
        let failed = |reason: String| StartError::Data(path.clone(), reason);
        let text = fs::read(&path).map_err(|e| failed(e.to_string()))?;
        serde_json::from_slice(&text).map(Some).map_err(|e| failed(e.to_string()))
    }

    /// Keeps a document, readable by its owner only. It is replaced as a whole or not at all.
    pub(crate) fn write<T: Serialize>(&self, name: &str, document: &T) -> Result<(), StartError> {
        let Some(path) = self.path(name) else { return Ok(()) };
        let failed = |reason: String| StartError::Data(path.clone(), reason);
        let text = serde_json::to_vec_pretty(document).map_err(|e| failed(e.to_string()))?;
        replace(&path, &text).map_err(|e| failed(e.to_string()))
    }
}

/// Makes a folder that only its owner can look into. One that is there already stays as it is.
fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn replace(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = private_file(&draft)?;
    file.set_len(0)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(draft, path)
}

/// Opens a file for writing, made with access for its owner only.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let data = Data::Dir(dir.path().join("new/folder"));
        let held = DataFolder::open(&data).unwrap();
        let error = DataFolder::open(&data).unwrap_err();
        assert!(error.to_string().contains("in use by another"), "{error}");
        drop(held);
        DataFolder::open(&data).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_is_kept_is_private_and_comes_back() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(&Data::Dir(dir.path().into())).unwrap();
        assert_eq!(folder.read::<String>("a.json").unwrap(), None);
        folder.write("a.json", &"longer than the next").unwrap();
        folder.write("a.json", &"kept").unwrap();
        assert_eq!(folder.read::<String>("a.json").unwrap().as_deref(), Some("kept"));
        let mode = fs::metadata(dir.path().join("a.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_one_clear_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = DataFolder::open(&Data::Dir(file.path().join("x"))).unwrap_err();
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}
