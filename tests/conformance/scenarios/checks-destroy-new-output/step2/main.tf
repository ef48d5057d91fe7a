resource "terraform_data" "a" {
  input = 1
  lifecycle {
    postcondition {
      condition     = self.output == 2
      error_message = "post"
    }
  }
}
output "o" {
  value = terraform_data.a.output
  precondition {
    condition     = terraform_data.a.output == 2
    error_message = "out"
  }
}
output "never" {
  value = terraform_data.a.output
  precondition {
    condition     = terraform_data.a.output == 2
    error_message = "out"
  }
}
