resource "terraform_data" "a" {
  triggers_replace = 2
  lifecycle {
    create_before_destroy = true
    postcondition {
      condition     = self.triggers_replace == 1
      error_message = "no"
    }
  }
}
resource "terraform_data" "z" {
}
