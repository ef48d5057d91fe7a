resource "terraform_data" "a" {
  input = ["a", "b"]
}
resource "terraform_data" "b" {
  input            = 1
  triggers_replace = [1]
}
