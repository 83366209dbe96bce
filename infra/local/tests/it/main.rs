//! The embedded cloud as a whole: one test program, for linking it costs more than running it.

#[cfg(test)]
mod delivery;
#[cfg(test)]
mod emulators;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod process;
#[cfg(test)]
mod support;
