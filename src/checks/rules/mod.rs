//! Rules and samplers that do not do what they say.

automod::dir!("src/checks/rules");
