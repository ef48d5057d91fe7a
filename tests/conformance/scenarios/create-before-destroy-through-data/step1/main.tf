resource "terraform_data" "a" {
  triggers_replace = 1
}
data "terraform_remote_state" "s" {
  backend    = "local"
  config     = { path = "x.tfstate" }
  depends_on = [terraform_data.a]
}
resource "terraform_data" "b" {
  input = data.terraform_remote_state.s.outputs
  lifecycle {
    create_before_destroy = true
  }
}
