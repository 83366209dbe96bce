//! The platform over HTTP: one test program, for linking it costs more than running it.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod books;
#[cfg(test)]
mod cashier;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod exchanges;
#[cfg(test)]
mod free_rounds;
#[cfg(test)]
mod games;
#[cfg(test)]
mod garbled;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod instrument_store;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod refund_desk;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod rounds;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod shared_instruments;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod time;
#[cfg(test)]
mod vendor_doors;
#[cfg(test)]
mod wallet;
#[cfg(test)]
mod withdrawals;
