//! Finds the function a request belongs to, as API Gateway does: the most specific path wins.

use std::collections::{BTreeMap, HashMap};

use http::Method;
use percent_encoding::percent_decode_str;

use crate::{
    StartError,
    template::{FunctionSpec, Trigger},
};

/// The methods a route for `ANY` answers.
const METHODS: [Method; 7] =
    [Method::DELETE, Method::GET, Method::HEAD, Method::OPTIONS, Method::PATCH, Method::POST, Method::PUT];

/// Every route of the API.
pub(super) struct Routes(HashMap<Method, matchit::Router<Route>>);

#[derive(Clone)]
struct Route {
    key: String,
    function: String,
    parameters: Vec<String>,
}

/// The route of one request.
pub(super) struct Found {
    /// As declared, such as `GET /v1/deposits/{id}`.
    pub(super) key: String,
    /// The logical id of the function.
    pub(super) function: String,
    /// The values in the path, decoded.
    pub(super) parameters: BTreeMap<String, String>,
}

impl Routes {
    pub(super) fn of(specs: &[FunctionSpec]) -> Result<Self, StartError> {
        let mut routes = Self(HashMap::new());
        let declared: Vec<_> = specs
            .iter()
            .flat_map(|spec| spec.triggers.iter().map(|trigger| (spec.id.as_str(), trigger)))
            .filter_map(|(id, trigger)| match trigger {
                Trigger::Route { method, path } => Some((id, method.as_str(), path.as_str())),
                _ => None,
            })
            .collect();
        // A route for one method beats one for any, so those come last and only fill the gaps.
        for (id, method, path) in declared.iter().filter(|(_, method, _)| *method != "ANY") {
            let verb: Method = method.parse().map_err(|_| bad(id, method, path, "no such method"))?;
            routes.insert(verb, id, method, path).map_err(|e| bad(id, method, path, &e.to_string()))?;
        }
        for (id, method, path) in declared.iter().filter(|(_, method, _)| *method == "ANY") {
            for verb in METHODS {
                match routes.insert(verb, id, method, path) {
                    Ok(()) | Err(matchit::InsertError::Conflict { .. }) => {}
                    Err(e) => return Err(bad(id, method, path, &e.to_string())),
                }
            }
        }
        Ok(routes)
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Option<Found> {
        let matched = self.0.get(method)?.at(path).ok()?;
        let values = matched.params.iter().map(|(_, value)| decode(value));
        Some(Found {
            key: matched.value.key.clone(),
            function: matched.value.function.clone(),
            parameters: matched.value.parameters.iter().cloned().zip(values).collect(),
        })
    }

    fn insert(
        &mut self,
        verb: Method,
        id: &str,
        method: &str,
        path: &str,
    ) -> Result<(), matchit::InsertError> {
        let (pattern, parameters) = pattern(path);
        let route = Route { key: format!("{method} {path}"), function: id.to_owned(), parameters };
        self.0.entry(verb).or_default().insert(pattern, route)
    }
}

/// The router's own notation. Two routes may call the same place by two names, so places are numbered.
fn pattern(path: &str) -> (String, Vec<String>) {
    let mut parameters = Vec::new();
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| {
            let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
                return segment.to_owned();
            };
            let (star, name) = name.strip_suffix('+').map_or(("", name), |greedy| ("*", greedy));
            parameters.push(name.to_owned());
            format!("{{{star}p{}}}", parameters.len())
        })
        .collect();
    (segments.join("/"), parameters)
}

fn decode(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

fn bad(id: &str, method: &str, path: &str, reason: &str) -> StartError {
    StartError::Function(id.to_owned(), format!("route {method} {path}: {reason}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn routes(declared: &[(&str, &str)]) -> Routes {
        let spec = |(method, path): &(&str, &str)| FunctionSpec {
            id: format!("{method} {path}"),
            binary: String::new(),
            env: BTreeMap::new(),
            timeout: Duration::from_secs(1),
            triggers: vec![Trigger::Route { method: (*method).to_owned(), path: (*path).to_owned() }],
        };
        Routes::of(&declared.iter().map(spec).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_most_specific_route_wins() {
        let routes = routes(&[
            ("GET", "/v1/games/{game_id}"),
            ("POST", "/v1/games/{id}/launch"),
            ("GET", "/v1/games/new"),
            ("GET", "/v1/{proxy+}"),
            ("ANY", "/v1/games/{any}"),
            ("ANY", "/{proxy+}"),
        ]);
        let found = |method: Method, path: &str| routes.find(&method, path).unwrap();
        assert_eq!(found(Method::GET, "/v1/games/new").key, "GET /v1/games/new");
        assert_eq!(found(Method::GET, "/v1/games/dice").parameters["game_id"], "dice");
        assert_eq!(found(Method::POST, "/v1/games/a/launch").parameters["id"], "a");
        assert_eq!(found(Method::PUT, "/v1/games/dice").key, "ANY /v1/games/{any}");
        assert_eq!(found(Method::GET, "/v1/games/a/b").parameters["proxy"], "games/a/b");
        assert_eq!(found(Method::GET, "/elsewhere").key, "ANY /{proxy+}");
    }

    #[test]
    fn parameters_are_decoded_and_strangers_have_no_route() {
        let routes = routes(&[("GET", "/v1/deposits/{id}")]);
        let found = routes.find(&Method::GET, "/v1/deposits/a%2Fb%20c").unwrap();
        assert_eq!(found.parameters["id"], "a/b c");
        assert!(routes.find(&Method::POST, "/v1/deposits/a").is_none());
        assert!(routes.find(&Method::GET, "/v1/deposits").is_none());
        assert!(routes.find(&Method::GET, "/v1/deposits/").is_none());
    }
}
