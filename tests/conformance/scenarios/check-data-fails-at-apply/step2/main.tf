resource "terraform_data" "x" { input = "nope.tfstate" }
check "c" {
  data "terraform_remote_state" "d" {
    backend = "local"
    config = { path = terraform_data.x.output }
  }
  assert {
    condition = data.terraform_remote_state.d.outputs.a == "z"
    error_message = "not z"
  }
}
