//! Pictures of those who write.

use super::routes::ICON;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

/// How someone looks: the colours of the background, the skin, the hair and the shirt.
struct Face([&'static str; 4]);

/// The picture of the person with this name; people who aren't in the demo from the beginning look alike.
pub(super) async fn picture(Path(name): Path<String>) -> Response {
    let svg = match name.as_str() {
        "jules.svg" => ICON.to_owned(),
        "ann.svg" => drawn(&Face(["#f2d7c4", "#e0a383", "#4a2c21", "#2f6f73"])).into_string(),
        "ben.svg" => drawn(&Face(["#cfdcec", "#8d5a3b", "#1d1a1a", "#b5562f"])).into_string(),
        _ => drawn(&Face(["#d9d7de", "#f1eff4", "#b3b0ba", "#8e8a97"])).into_string(),
    };
    ([(CONTENT_TYPE, "image/svg+xml")], svg).into_response()
}

fn drawn(Face([background, skin, hair, shirt]): &Face) -> Markup {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36" {
            rect width="36" height="36" fill=(background) {}
            path d="M3 40a15 14 0 0 1 30 0z" fill=(shirt) {}
            rect x="15" y="21" width="6" height="8" rx="3" fill=(skin) {}
            path d="M9.5 18a8.5 10 0 0 1 17 0v3h-17z" fill=(hair) {}
            ellipse cx="18" cy="18" rx="6.6" ry="7.6" fill=(skin) {}
            path d="M11 16a7 8 0 0 1 14 0q-3.500-.5-5.500-3.500q-3 3.500-8.500 3.500z" fill=(hair) {}
        }
    }
}
