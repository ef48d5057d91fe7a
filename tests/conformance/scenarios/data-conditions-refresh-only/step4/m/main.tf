variable "path" {}
data "terraform_remote_state" "s" {
  backend = "local"
  config  = { path = var.path }
  lifecycle {
    postcondition {
      condition     = length(self.outputs.a) == 2
      error_message = "len"
    }
  }
}
output "a" {
  value = data.terraform_remote_state.s.outputs.a
}
