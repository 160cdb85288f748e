//! Who signed what.

use super::words::Words;
use crate::report::Report;
use maud::{html, Markup};

pub(super) fn section(report: &Report, words: &Words) -> Markup {
    html! {
        @if !report.signers.is_empty() {
            section aria-labelledby="signers" {
                h2 #signers { (words.say("signers")) }
                p { (words.say("signers-means")) }
                div.scroll.people tabindex="0" {
                    table {
                        thead {
                            tr {
                                th scope="col" { (words.say("role")) }
                                th scope="col" { (words.say("name")) }
                                th scope="col" { (words.say("signed")) }
                            }
                        }
                        tbody {
                            @for signer in &report.signers {
                                tr {
                                    th scope="row" { (words.say(&format!("role-{}", signer.role))) }
                                    td { bdi { (signer.name.as_deref().unwrap_or("–")) } }
                                    td {
                                        @let what = signer.signed.iter()
                                            .map(|(what, n)| words.with(&format!("signed-{what}"), &[("n", *n)]));
                                        (what.collect::<Vec<_>>().join(" · "))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
