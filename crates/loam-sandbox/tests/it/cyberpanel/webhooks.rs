//! Messages at the end of a deployment.

use super::*;

#[tokio::test]
async fn webhooks() {
    let bench = Bench::start().await;
    let api = Api::of(&bench);
    // The sandbox's own control endpoint serves as a user's server that answers 404; three tries.
    let url = format!("{}/_sandbox/hook", bench.sandbox.url());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a listener");
    let good = format!(
        "http://{}/done?x=1",
        listener.local_addr().expect("an address")
    );
    let mut body = with(order("fail-deploy.demo.test"), "webhook_url", json!(good));
    body["webhook_secret"] = json!("s3cret");
    let made = api.post("/vps/create", body).await.json();
    assert_eq!(made["data"]["webhook_configured"], json!(true));
    api.post(
        "/vps/create",
        with(order("ok.demo.test"), "webhook_url", json!(url)),
    )
    .await;
    api.post(
        "/vps/create",
        with(
            order("far.demo.test"),
            "webhook_url",
            json!("https://example.com/"),
        ),
    )
    .await;
    assert_error(
        &api.post(
            "/vps/create",
            with(order("a.b"), "webhook_url", json!("ftp://x")),
        )
        .await,
        400,
        "VALIDATION_ERROR",
    );
    bench.advance(130.0).await;

    let (mut stream, _) = listener.accept().await.expect("the webhook comes");
    let mut request = String::new();
    while !request.contains("}}") {
        let mut part = [0; 2048];
        let read = tokio::io::AsyncReadExt::read(&mut stream, &mut part)
            .await
            .expect("reads");
        request.push_str(std::str::from_utf8(&part[..read]).expect("text"));
    }
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 204 No Content\r\n\r\n")
        .await
        .expect("answers");
    assert!(
        request.starts_with("POST /done?x=1 HTTP/1.1\r\n"),
        "{request}"
    );
    let sent: Value =
        serde_json::from_str(&request[request.find("\r\n\r\n").expect("a body") + 4..])
            .expect("JSON");
    assert_keys(&sent, &["event", "timestamp", "data"]);
    assert_keys(
        &sent["data"],
        &[
            "vps_id",
            "name",
            "status",
            "ip_address",
            "deployment_time_seconds",
        ],
    );
    assert_eq!(
        (&sent["event"], &sent["data"]["status"]),
        (&json!("vps.deployment.failed"), &json!("failed"))
    );
    let signature = request
        .lines()
        .find_map(|line| line.strip_prefix("x-webhook-signature: sha256="))
        .expect("signed");
    assert!(
        signature.len() == 64
            && signature
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    );

    let mut list = Value::Null;
    for _ in 0..100 {
        list = bench.control(Method::GET, "webhooks", Value::Null).await["webhooks"].clone();
        if list.as_array().is_some_and(|list| list.len() == 3) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let of = |name: &str| {
        list.as_array()
            .expect("a list")
            .iter()
            .find(|item| {
                item["body"]
                    .as_str()
                    .is_some_and(|body| body.contains(name))
            })
            .expect("delivered")
            .clone()
    };
    assert_eq!(
        (&of("fail-deploy")["status"], &of("fail-deploy")["tries"]),
        (&json!(204), &json!(1))
    );
    assert_eq!(
        (&of("ok.demo")["status"], &of("ok.demo")["tries"]),
        (&json!(404), &json!(3))
    );
    assert!(
        of("far.demo")["error"]
            .as_str()
            .is_some_and(|error| error.contains("plain HTTP"))
    );
    assert!(!list.to_string().contains("s3cret"));
}
