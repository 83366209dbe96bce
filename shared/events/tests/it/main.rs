//! The catalogue against the wire, the committed schemas and the channel document.

#[cfg(test)]
mod asyncapi;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod wire;
