resource "terraform_data" "a" {}
check "c" {
  assert {
    condition = false
    error_message = "no"
  }
}
