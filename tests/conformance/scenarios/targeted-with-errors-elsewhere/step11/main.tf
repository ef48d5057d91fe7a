resource "terraform_data" "ok" { input = 1 }
check "c" {
  assert {
    condition = tonumber("q") == 1
    error_message = "x"
  }
}
