variable "k" {}
resource "terraform_data" "q" {
  input            = var.k
  triggers_replace = "t2"
}
