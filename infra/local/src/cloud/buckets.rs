//! Buckets: rustack's S3, kept in memory. It holds fast what is locked by its own headers; a bucket's default
//! retention and conditional writes (`If-None-Match`), which AWS obeys, it passes over.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, Request, request::Parts};
use rustack_s3_core::{RustackS3, config::S3Config, state::Owner};
use rustack_s3_http::{
    FromS3Request, IntoS3Response, S3ResponseBody, S3Router, response::error_to_response,
    router::RoutingContext,
};
use rustack_s3_model::{S3Operation, error::S3Error};
use ulid::Ulid;

use crate::REGION;

/// The buckets, and the rules by which paths lead to them.
pub(super) struct Buckets {
    s3: RustackS3,
    router: S3Router,
}

/// Reads an operation's input, lets the service handle it, and writes its output.
macro_rules! answer {
    ($self:ident, $handle:ident, $parts:ident, $place:ident, $body:ident) => {{
        let (bucket, key) = ($place.bucket.as_deref(), $place.key.as_deref());
        let input = FromS3Request::from_s3_request(&$parts, bucket, key, &$place.query_params, $body)?;
        $self.s3.$handle(input).await?.into_s3_response()
    }};
}

impl Buckets {
    pub(super) fn new() -> Self {
        let config = S3Config { s3_max_memory_object_size: usize::MAX, ..S3Config::default() };
        Self { s3: RustackS3::new(config), router: S3Router::new("s3.localhost", false) }
    }

    /// Makes a bucket.
    pub(super) fn ensure(&self, name: &str, versioned: bool, locks: bool) {
        // That it is there already is as well.
        let _ = self.s3.state().create_bucket(name.to_owned(), REGION.to_owned(), Owner::default());
        if let Ok(bucket) = self.s3.state().get_bucket(name) {
            if versioned || locks {
                bucket.enable_versioning();
            }
            *bucket.object_lock_enabled.write() = locks;
        }
    }

    pub(super) async fn dispatch(&self, parts: Parts, body: Bytes) -> Response {
        let request = Request::from_parts(parts, body);
        let answered = match self.router.resolve(&request) {
            Ok(place) => self.answer(place, request).await,
            Err(error) => Err(error),
        };
        answered
            .map_or_else(|error| error_to_response(&error, &Ulid::generate().to_string()), with_iso_date)
            .map(Body::new)
    }

    async fn answer(
        &self,
        place: RoutingContext,
        request: Request<Bytes>,
    ) -> Result<http::Response<S3ResponseBody>, S3Error> {
        let (parts, body) = request.into_parts();
        match place.operation {
            S3Operation::PutObject => answer!(self, handle_put_object, parts, place, body),
            S3Operation::GetObject => answer!(self, handle_get_object, parts, place, body),
            S3Operation::HeadObject => answer!(self, handle_head_object, parts, place, body),
            S3Operation::DeleteObject => answer!(self, handle_delete_object, parts, place, body),
            S3Operation::ListObjectsV2 => answer!(self, handle_list_objects_v2, parts, place, body),
            S3Operation::ListObjectVersions => answer!(self, handle_list_object_versions, parts, place, body),
            S3Operation::PutObjectRetention => answer!(self, handle_put_object_retention, parts, place, body),
            other => Err(S3Error::not_implemented(other.as_str())),
        }
    }
}

/// Rustack writes the end of a lock as HTTP writes dates; S3 writes it as ISO 8601, and the SDK reads nothing else.
fn with_iso_date<B>(mut response: http::Response<B>) -> http::Response<B> {
    const UNTIL: &str = "x-amz-object-lock-retain-until-date";
    let until = response.headers().get(UNTIL).and_then(|value| value.to_str().ok());
    let until = until.and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
    let until = until.and_then(|until| HeaderValue::from_str(&until.timestamp().to_string()).ok());
    if let Some(until) = until {
        response.headers_mut().insert(UNTIL, until);
    }
    response
}
