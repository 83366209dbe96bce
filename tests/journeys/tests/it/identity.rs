//! Registration, sessions, roles, and leaving.

use domain::account::VerificationStatus;
use domain::person::VerificationNotice;
use domain::{Command, EntryKey};
use edge::{Settings, Stores};
use futures::future::try_join_all;
use jiff::ToSpan;
use journeys::{
    Answer, Call, Client, Failure, Home, Platform, Player, Tested, failed, fresh_id, funded, opened,
    registration, status, verified,
};
use serde_json::{Value, json};

async fn register(client: &Client, form: &Value) -> Result<Answer, Failure> {
    client.send(Call::post("/v1/players").json(form)).await
}

async fn sign_in(client: &Client, email: &str, password: &str) -> Result<Answer, Failure> {
    client.send(Call::post("/v1/sessions").json(&json!({"email": email, "password": password}))).await
}

fn with(form: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut form = form.clone();
    form[field] = value.into();
    form
}

#[tokio::test]
async fn of_two_registrations_with_one_address_at_once_one_succeeds() -> Tested {
    let client = Platform::shared()?.client();
    let form = registration(Home::Malta);
    let answers = try_join_all((0..4).map(|_| register(&client, &form))).await?;
    let registered = answers.iter().filter(|answer| answer.status == 201).count();
    let taken = answers.iter().filter(|answer| answer.code() == Some("email_taken")).count();
    assert_eq!((registered, taken), (1, 3), "{answers:?}");

    let email = form["email"].as_str().unwrap();
    let shouted = with(&form, "email", email.to_uppercase());
    register(&client, &shouted).await?.must_be(409, "email_taken")?;
    sign_in(&client, &email.to_uppercase(), "correct horse battery staple").await?.must(201)?;
    // Another brand is another house.
    register(&client.clone().of_brand("elsewhere"), &form).await?.must(201)?;
    for nobody in ["", "Else", "else where"] {
        let misnamed = register(&client.clone().of_brand(nobody), &registration(Home::Malta)).await?;
        misnamed.must_be(400, "malformed_request")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_registration_tells_what_it_opened() -> Tested {
    let client = Platform::shared()?.client();
    let answer = register(&client, &registration(Home::Britain)).await?.must(201)?;
    assert!(answer.text("/player_id")?.starts_with("ply_"), "{answer:?}");
    let told = ["/status", "/kyc_status", "/jurisdiction", "/currency"].map(|it| answer.text(it).unwrap());
    assert_eq!(told, ["active", "none", "GB", "GBP"]);
    Ok(())
}

#[tokio::test]
async fn nobody_registers_too_young_or_with_rubbish() -> Tested {
    let client = Platform::shared()?.client();
    let form = registration(Home::Malta);
    let refused = [
        ("/birth_date", with(&form, "birth_date", "2015-01-01")),
        ("/birth_date", with(&form, "birth_date", "3000-01-01")),
        ("/birth_date", with(&form, "birth_date", "not a day")),
        ("/email", with(&form, "email", "no address")),
        ("/email", with(&form, "email", format!("{}@x.example", "x".repeat(10_000)))),
        ("/password", with(&form, "password", "short")),
        ("/password", with(&form, "password", "x".repeat(10_000))),
        ("/first_name", with(&form, "first_name", "")),
        ("/first_name", with(&form, "first_name", "x".repeat(10_000))),
        ("/last_name", with(&form, "last_name", "a\u{0}b")),
        ("/country", with(&form, "country", "Malta")),
        ("/country", with(&form, "country", "US")),
        ("/currency", with(&form, "currency", "DOUBLOON")),
        ("/jurisdiction", with(&form, "jurisdiction", "GB")),
        ("/phone", with(&form, "phone", "call me")),
        ("/address", with(&form, "address", "somewhere")),
        ("/consents/email", with(&form, "consents", json!({"sms": true, "phone": true, "post": true}))),
    ];
    for (pointer, form) in &refused {
        let answer = register(&client, form).await?.must_be(422, "validation_failed")?;
        let pointers: Vec<_> = answer.body["errors"].as_array().unwrap().iter().collect();
        assert!(pointers.iter().any(|it| it["pointer"] == *pointer), "{pointer}: {answer:?}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    let all_at_once = with(&with(&form, "email", "x"), "password", "y");
    let answer = register(&client, &all_at_once).await?.must(422)?;
    assert_eq!(answer.body["errors"].as_array().unwrap().len(), 2, "{answer:?}");
    register(&client, &form).await?.must(201)?;
    Ok(())
}

#[tokio::test]
async fn a_spent_refresh_token_ends_the_whole_session() -> Tested {
    let client = Platform::shared()?.client();
    let player = Player::register(&client, Home::Malta).await?;
    let refresh = async |token: &str| {
        client.send(Call::post("/v1/sessions/refresh").json(&json!({"refresh_token": token}))).await
    };
    let second = refresh(&player.refresh_token).await?.must(201)?;
    let rotated = Player { access_token: second.text("/access_token")?.to_owned(), ..player.clone() };
    rotated.wallet().await?;
    player.wallet().await?;

    refresh(&player.refresh_token).await?.must_be(401, "unauthenticated")?;
    refresh(second.text("/refresh_token")?).await?.must_be(401, "unauthenticated")?;
    rotated.get("/v1/wallet").await?.must_be(401, "unauthenticated")?;
    player.get("/v1/wallet").await?.must_be(401, "unauthenticated")?;
    player.sign_in().await?.wallet().await?;
    for rubbish in ["", "x", "ses_01HZX3M2T9QK4V7W8Y6N5R1ABC.AAAA", &player.access_token] {
        refresh(rubbish).await?.must_be(401, "unauthenticated")?;
    }
    Ok(())
}

#[tokio::test]
async fn one_refresh_token_used_twice_at_once_gives_one_session_at_most() -> Tested {
    let client = Platform::shared()?.client();
    let player = Player::register(&client, Home::Malta).await?;
    let body = json!({"refresh_token": player.refresh_token});
    let refresh = || client.send(Call::post("/v1/sessions/refresh").json(&body));
    let answers = try_join_all((0..4).map(|_| refresh())).await?;
    assert!(answers.iter().filter(|answer| answer.status == 201).count() <= 1, "{answers:?}");
    player.get("/v1/wallet").await?.must(401)?;
    Ok(())
}

#[tokio::test]
async fn signing_out_ends_the_access_at_once_and_only_this_session() -> Tested {
    let client = Platform::shared()?.client();
    let player = Player::register(&client, Home::Malta).await?;
    let elsewhere = player.sign_in().await?;
    player.send(Call::delete("/v1/sessions/current")).await?.must(204)?;
    player.get("/v1/wallet").await?.must_be(401, "unauthenticated")?;
    let spent = json!({"refresh_token": player.refresh_token});
    client.send(Call::post("/v1/sessions/refresh").json(&spent)).await?.must(401)?;
    elsewhere.wallet().await?;
    Ok(())
}

#[tokio::test]
async fn tokens_are_taken_only_as_they_were_given() -> Tested {
    let client = Platform::shared()?.client();
    let player = Player::register(&client, Home::Malta).await?;
    let parts: Vec<&str> = player.access_token.split('.').collect();
    // {"alg":"none"}
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    let other = Player::register(&client, Home::Malta).await?;
    let spliced = format!("{}.{}.{}", parts[0], other.access_token.split('.').nth(1).unwrap(), parts[2]);
    for token in ["", "x", "a.b.c", &unsigned, &spliced, &player.refresh_token, &"x".repeat(8_000)] {
        client.send(Call::get("/v1/wallet").bearer(token)).await?.must_be(401, "unauthenticated")?;
    }
    client.send(Call::get("/v1/wallet")).await?.must_be(401, "unauthenticated")?;
    let basic = Call::get("/v1/wallet").header("authorization", "Basic eDp5");
    client.send(basic).await?.must_be(401, "unauthenticated")?;
    Ok(())
}

#[tokio::test]
async fn unknown_and_wrong_look_the_same_and_are_slowed_down() -> Tested {
    let client = Platform::shared()?.client();
    let player = Player::register(&client, Home::Malta).await?;
    let unknown = format!("{}@players.example", fresh_id());
    let wrong = sign_in(&client, &player.email, "wrong password").await?.must_be(401, "unauthenticated")?;
    let nobody = sign_in(&client, &unknown, "wrong password").await?.must_be(401, "unauthenticated")?;
    assert_eq!(wrong.body, nobody.body);

    for email in [&player.email, &unknown] {
        let mut answer = sign_in(&client, email, "wrong password").await?;
        for _ in 0..20 {
            if answer.status == 429 {
                break;
            }
            answer = sign_in(&client, email, "wrong password").await?;
        }
        let slowed = answer.must_be(429, "rate_limited")?;
        let wait: i64 = slowed.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=900).contains(&wait), "{wait}");
        // The right password does not help now, or it could be guessed at.
        sign_in(&client, email, &player.password).await?.must_be(429, "rate_limited")?;
    }
    player.wallet().await?;
    Ok(())
}

#[tokio::test]
async fn staff_see_what_their_role_may_and_players_see_nothing_of_it() -> Tested {
    let platform = Platform::shared()?;
    let player = Player::register(&platform.client(), Home::Malta).await?;
    for path in ["/v1/ops/kpis", "/v1/ops/withdrawals"] {
        player.get(path).await?.must_be(403, "forbidden")?;
        platform.client().send(Call::get(path)).await?.must_be(401, "unauthenticated")?;
        platform.staff("admin").await?.get(path).await?.must(200)?;
    }
    platform.staff("payments").await?.get("/v1/ops/withdrawals").await?.must(200)?;
    platform.staff("support").await?.get("/v1/ops/withdrawals").await?.must_be(403, "forbidden")?;
    platform.staff("marketing").await?.get("/v1/ops/kpis").await?.must(200)?;
    let wrong = json!({"email": "admin@pitboss.local", "password": "wrong password"});
    let refused = platform.client().send(Call::post("/v1/ops/sessions").json(&wrong)).await?;
    refused.must_be(401, "unauthenticated")?;
    let not_staff = json!({"email": player.email, "password": player.password});
    let refused = platform.client().send(Call::post("/v1/ops/sessions").json(&not_staff)).await?;
    refused.must_be(401, "unauthenticated")?;
    let admin = platform.staff("admin").await?;
    admin.get("/v1/players/me").await?.must_be(401, "unauthenticated")?;
    Ok(())
}

#[tokio::test]
async fn a_profile_is_shown_corrected_and_verified_anew() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let profile = player.get("/v1/players/me").await?.must(200)?;
    assert_eq!((profile.text("/email")?, profile.text("/kyc_status")?), (player.email.as_str(), "approved"));
    assert!(profile.body.get("password").is_none(), "{profile:?}");

    let change = |body: Value| player.send(Call::patch("/v1/players/me").json(&body));
    let moved = change(json!({"phone": "+35621234567"})).await?.must(200)?;
    assert_eq!((moved.text("/phone")?, moved.text("/kyc_status")?), ("+35621234567", "approved"));
    change(json!({"birth_date": "2015-01-01"})).await?.must_be(422, "validation_failed")?;
    change(json!({"email": "other@players.example"})).await?.must_be(422, "validation_failed")?;
    change(json!({"first_name": 1})).await?.must_be(422, "validation_failed")?;
    let renamed = change(json!({"last_name": "Borg"})).await?.must(200)?;
    assert_eq!((renamed.text("/last_name")?, renamed.text("/kyc_status")?), ("Borg", "resubmit"));
    player.withdraw("1.00", &fresh_id()).await?.must_be(403, "not_verified")?;

    let export = player.get("/v1/players/me/export").await?.must(200)?;
    assert_eq!(export.text("/profile/last_name")?, "Borg");
    assert!(export.body["entries"].as_array().is_some_and(|entries| entries.len() >= 4), "{export:?}");
    Ok(())
}

#[tokio::test]
async fn records_of_money_are_kept_as_long_as_the_law_wants() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "10.00").await?;
    let asked = player.withdraw("10.00", &fresh_id()).await?.must(201)?;
    let erase = || Call::post("/v1/players/me/erasure").json(&json!({}));
    player.send(erase()).await?.must_be(409, "conflict")?;
    let id = asked.text("/withdrawal_id")?;
    platform.staff("payments").await?.approve(id).await?.must(200)?;
    status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;

    let answer = player.send(erase()).await?.must(202)?;
    assert_eq!(answer.text("/status")?, "scheduled");
    let until: i64 = answer.text("/erase_after")?.get(..4).unwrap().parse().unwrap();
    assert!((2030..2040).contains(&until), "{until}");
    player.deposit("10.00", &fresh_id()).await?.must_be(403, "forbidden")?;
    player.start_verification().await?.must_be(403, "forbidden")?;
    let closed = sign_in(&platform.client(), &player.email, &player.password).await?;
    closed.must_be(403, "forbidden")?;
    Ok(())
}

#[tokio::test]
async fn who_leaves_is_forgotten_but_not_with_money_in_the_wallet() -> Tested {
    let platform = Platform::shared()?;
    let erase = || Call::post("/v1/players/me/erasure").json(&json!({}));
    let rich = funded(platform, &platform.client(), Home::Malta, "10.00").await?;
    rich.send(erase()).await?.must_be(409, "conflict")?;
    assert_eq!(rich.cash().await?, "10.00");

    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let answer = player.send(erase()).await?.must(202)?;
    assert_eq!(answer.text("/status")?, "erased");
    player.get("/v1/players/me").await?.must(404)?;
    player.get("/v1/players/me/export").await?.must(404)?;
    for long in [&"x".repeat(10_000), "\u{0}", ""] {
        sign_in(&platform.client(), &player.email, long).await?.must_be(401, "unauthenticated")?;
    }
    let gone = sign_in(&platform.client(), &player.email, &player.password).await?;
    gone.must_be(401, "unauthenticated")?;
    let info = platform.hub88()?.info(&player.id).await?;
    assert_eq!(info.body["status"], "RS_ERROR_USER_DISABLED", "{info:?}");
    player.deposit("10.00", &fresh_id()).await?.must_be(403, "forbidden")?;
    player.get("/v1/games").await?.must_be(403, "forbidden")?;
    player.launch("hub88-pit_dice").await?.must_be(403, "forbidden")?;
    // The address is free again.
    let form = with(&registration(Home::Malta), "email", player.email.clone());
    register(&platform.client(), &form).await?.must(201)?;
    Ok(())
}

#[tokio::test]
async fn an_approval_runs_out_with_its_document_and_is_renewed() -> Tested {
    let platform = Platform::shared()?;
    let (player, _) = opened(platform, Home::Malta, "50.00").await?;
    let current = "/v1/kyc/verifications/current";
    let seen = async || player.get(current).await?.must(200);
    assert_eq!(seen().await?.text("/document_expires_on")?, "2099-12-31");
    player.start_verification().await?.must_be(409, "conflict")?;

    ran_out(platform, &player, 2).await?;
    assert_eq!(seen().await?.text("/status")?, "expired");
    assert_eq!(player.get("/v1/players/me").await?.must(200)?.text("/kyc_status")?, "expired");
    player.launch("hub88-pit_dice").await?.must(201)?;

    ran_out(platform, &player, 40).await?;
    player.launch("hub88-pit_dice").await?.must_be(403, "not_verified")?;
    player.withdraw("10.00", &fresh_id()).await?.must(201)?;
    let started = player.start_verification().await?.must(201)?;
    assert_eq!(seen().await?.text("/status")?, "pending");
    player.launch("hub88-pit_dice").await?.must_be(403, "not_verified")?;
    player.withdraw("10.00", &fresh_id()).await?.must(201)?;
    platform.sumsub()?.choose(started.text("/redirect_url")?, "approve").await?.must(200)?;
    status(&player, current, "approved").await?;
    assert_eq!(seen().await?.text("/document_expires_on")?, "2099-12-31");
    player.launch("hub88-pit_dice").await?.must(201)?;
    Ok(())
}

#[tokio::test]
async fn a_new_name_is_verified_anew() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let renamed = Call::patch("/v1/players/me").json(&json!({"last_name": "Farrugia"}));
    assert_eq!(player.send(renamed).await?.must(200)?.text("/kyc_status")?, "resubmit");
    let started = player.start_verification().await?.must(201)?;
    assert_eq!(started.text("/status")?, "pending");
    let page = started.text("/redirect_url")?;
    platform.sumsub()?.choose(page, "approve").await?.must(200)?;
    status(&player, "/v1/kyc/verifications/current", "approved").await?;
    Ok(())
}

#[tokio::test]
async fn what_is_in_review_is_decided_by_two_of_the_staff() -> Tested {
    let platform = Platform::shared()?;
    let player = Player::register(&platform.client(), Home::Malta).await?;
    let (current, path) =
        ("/v1/kyc/verifications/current", format!("/v1/ops/players/{}/verification", player.id));
    let doubtful = async || -> Tested {
        let started = player.start_verification().await?.must(201)?;
        let page = started.text("/redirect_url")?.replacen("/websdk/", "/api/websdk/", 1);
        let choice = json!({"verdict": "approve", "first_name": "Eva"});
        platform.client().send(Call::post(page).json(&choice)).await?.must(200)?;
        status(&player, current, "in_review").await.map(drop)
    };
    let say = |decision: &str, key: &str| {
        let body = json!({"decision": decision, "note": "the name is the short form"});
        Call::post(&path).once(key).json(&body)
    };
    let (first, second) = (platform.staff("compliance").await?, platform.staff("admin").await?);
    doubtful().await?;
    platform.staff("payments").await?.send(say("approve", &fresh_id())).await?.must_be(403, "forbidden")?;
    first.send(say("shrug", &fresh_id())).await?.must_be(422, "validation_failed")?;
    assert_eq!(first.send(say("resubmit", &fresh_id())).await?.must(200)?.text("/status")?, "resubmit");
    first.send(say("approve", &fresh_id())).await?.must_be(409, "conflict")?;

    doubtful().await?;
    let key = fresh_id();
    for _ in 0..2 {
        let agreed = first.send(say("approve", &key)).await?.must(200)?;
        assert_eq!(agreed.text("/status")?, "in_review");
        assert!(agreed.text("/agreed_by")?.starts_with("stf_"), "{agreed:?}");
    }
    first.send(say("approve", &fresh_id())).await?.must_be(409, "conflict")?;
    assert_eq!(player.get(current).await?.must(200)?.text("/status")?, "in_review");
    assert_eq!(second.send(say("approve", &fresh_id())).await?.must(200)?.text("/status")?, "approved");
    assert_eq!(player.get(current).await?.must(200)?.text("/status")?, "approved");
    let seen = platform.staff("support").await?.get(&path).await?.must(200)?;
    assert_eq!((seen.text("/status")?, &seen.body["agreed_by"]), ("approved", &Value::Null));
    Ok(())
}

/// Has the document behind a player's approval run out so many days ago.
async fn ran_out(platform: &Platform, player: &Player, days: i32) -> Tested {
    let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
    let ledger = Stores::new(&settings).and_then(|stores| stores.ledger()).map_err(failed)?;
    let now = edge::Clock::now(platform.clock());
    let today = now.in_tz("Europe/Malta").map_err(failed)?.date();
    let command = Command::VerificationNotice(VerificationNotice {
        key: EntryKey::new("sumsub", format!("approved:{}", fresh_id())),
        status: VerificationStatus::Approved,
        as_of: now,
        expires_on: Some(today.checked_sub(days.days()).map_err(failed)?),
        alarming: false,
        judged_at: None,
    });
    let player = player.id.parse().map_err(failed)?;
    let came = ledger.execute(player, &command, now, std::time::Duration::from_secs(10)).await;
    came.map_err(failed)?.done().map_err(failed)?;
    Ok(())
}
