check "c" {
  data "terraform_remote_state" "net" {
    backend = "local"
    config = {
      path = "nope.tfstate"
    }
  }
  assert {
    condition     = data.terraform_remote_state.net.outputs.id == "net-2"
    error_message = "id"
  }
}
resource "terraform_data" "a" {
  input = 1
}
